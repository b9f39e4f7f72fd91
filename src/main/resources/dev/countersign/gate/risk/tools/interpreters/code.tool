# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool code code-insiders codium cursor windsurf subl gedit kate idea
default medium opens an editor
flag --install-extension,--update-extensions,--install-builtin-extension =value high install.code installs an extension, which runs in the editor
flag --uninstall-extension,--disable-extension =value medium editor changes the editor's extensions
flag --list-extensions,--status,--version lowers
flag tunnel,serve-web critical net.listen opens the editor to others
