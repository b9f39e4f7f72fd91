# bash(1), SHELL BUILTIN COMMANDS
tool true false : exit return break continue shift wait jobs times logout suspend disown fg bg caller dirs popd umask ulimit help sync
default read
