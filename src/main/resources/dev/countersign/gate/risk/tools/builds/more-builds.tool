# Builders and helpers of compiled languages: each one's --help or manual
tool cpack bindgen cbindgen swiftc groovyc msbuild xmake odin dmd raco native-image mockgen sqlc wire ranlib strip nmake luac fsi jarsigner-verify
default medium build
flag -o,--output,--out =write
sub install,add,require high install.code gets code
sub test,lint,check,vet low test
sub publish,deploy critical deploy.release publishes
flag --version,-version,--help lowers
tool pkg-config pkgconf
default read
tool ccache sccache distcc icecc
default medium build
flag -s,--show-stats,-V,--version,-p,--show-config,-h,--help lowers
wraps 0
tool jbang
default high install.code gets and runs programs
sub version,cache,info low
tool irb ghci
default high env.shell starts something open
tool jarsigner
default critical secrets.key signs with a key
flag -verify lowers
tool wasm-pack
default medium build
sub test low test
sub publish,login critical deploy.release publishes a package
tool trunk
default medium build
sub check,fmt low test
tool cross
default medium build
sub test,check,clippy,tree,metadata low test
sub build,run,bench,rustc,clean,doc medium build
sub publish,login,yank,owner critical deploy.release publishes a package
tool ko
default critical deploy.release builds and publishes images
sub version,help read
tool luarocks cpan cpanm nuget paket
default high install.code gets code
sub list,show,search,info,help,doc,inspect,config medium net.facts
sub upload,push,remote+login critical deploy.release publishes a package
tool melos
default medium build
sub list,analyze,format,test low test
sub bootstrap,bs high install.code gets code
sub publish,version critical deploy.release publishes packages
