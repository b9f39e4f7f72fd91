# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool prisma
default high
sub validate,version low test
sub format medium write changes the schema file
flag --check lowers
sub generate medium build
sub migrate+status,migrate+diff medium sql.read looks at a database
sub studio medium run.project
sub init high write.build
sub migrate,migrate+*,db,db+* critical sql.schema changes a database
