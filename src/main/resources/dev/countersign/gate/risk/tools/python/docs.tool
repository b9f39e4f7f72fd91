# Documentation: sphinx-build(1), mkdocs, doxygen, hugo, jekyll, mdbook and others
tool sphinx-build sphinx-apidoc sphinx-autogen mkdocs doxygen hugo jekyll mdbook zola pelican antora asciidoctor asciidoctor-pdf pdoc pydoc-markdown nikola gitbook middleman bookdown quarto typst
default medium build
flag -d,--destination,-o,--out =value
sub test,check,--version low test
sub gh-deploy,deploy,publish critical deploy.release publishes
