# ansible-lint(1), ansible-doc(1)
tool ansible-lint ansible-doc ansible-config ansible-test
default low test
flag --fix medium write changes files
