# Modules of Python's library that only look: `python -m X` in the library's manual
tool py-compile py_compile compileall dis ast tokenize sysconfig site platform calendar tabnanny pyclbr symtable this inspect
default low test checks or shows source
args read
