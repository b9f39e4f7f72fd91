# pdflatex(1) latexmk(1) bibtex(1)
tool latex pdflatex xelatex lualatex latexmk tex pdftex bibtex biber makeindex dvips dvipdfmx tectonic
default medium build
flag -shell-escape,--shell-escape,-enable-write18 high run.code lets the document run commands
flag -output-directory,-jobname,-interaction =value
single
