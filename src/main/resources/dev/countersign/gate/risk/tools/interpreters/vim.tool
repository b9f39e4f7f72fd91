# python(1) node(1) perlrun(1) ruby(1) php(1) lua(1) Rscript(1) julia(1) deno(1) bun(1) java(1) guile ghci tclsh osascript
tool vim vi nvim ex view vimdiff gvim emacs nano pico micro kak hx joe
default medium write edits files
flag -c,--cmd,-u =value
flag -es,-Es,-e,-E,-n,-N,-R,-m,-M,--headless,--noplugin,--clean,--not-a-term,--batch,-Q,-q low
flag -S,-s,-U,--eval,-l,--load,-f,--funcall,--script,-w,-W =value high run.code an editor runs commands from its arguments
flag -i,-T,-t =value
special editor
# ed(1): commands on standard input, `!` runs one of the shell
tool ed red
default medium write edits files
flag -p,--prompt =value
flag -s,--quiet,--silent,-G,-l,-E,-r low
special line-editor
