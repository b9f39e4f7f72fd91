# ziglang.org: zig build runs build.zig, whose steps are named by the project
tool zig
default medium build
sub test,version,env,targets,ast-check low test
sub build+test,build+check,build+lint low test
sub build =target medium build
sub fmt medium write changes files
flag --check lowers
sub build-exe,build-lib,build-obj,run,cc,c++,init,init-exe medium build
sub fetch high install.code gets code
