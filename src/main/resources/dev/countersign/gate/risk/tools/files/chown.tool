# coreutils: cp(1) mv(1) rm(1) ln(1) mkdir(1) touch(1) tee(1) truncate(1) install(1) dd(1) chmod(1) chown(1) split(1), patch(1), tar(1), zip(1)
tool chown chgrp
default medium file.owner changes owners
flag --reference,--from =value
flag -R,--recursive high file.owner changes owners of everything below
special owners
