# nvm, fnm, volta, pyenv, rbenv, sdkman, rustup, corepack
tool nvm fnm volta n pyenv rbenv sdk jenv goenv tfenv nodenv nodebrew
default high install.code changes the toolchain
sub ls,list,current,version,versions,which,use,shell,local,global,alias,prefix,root,init,env,default,rehash read
sub uninstall medium
sub exec,run low
runs 1
