# docs.python.org/3/library/webbrowser
tool webbrowser
default high run.open opens a page
