# jcmd(1) jmap(1) jlink(1) jpackage(1)
tool jcmd jmap jlink jpackage jmod
default medium build
