# ctags(1) writes `tags` unless -x or -f -; cscope(1), GNU global
tool ctags gtags global universal-ctags etags
default medium write makes an index
flag -x,-xR,--list-languages,--list-kinds lowers
flag -f,-o =write
