# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool knex sequelize sequelize-cli typeorm drizzle-kit db-migrate mikro-orm goose dbmate sqitch atlas flyway liquibase alembic yoyo tern migrate golang-migrate diesel sea-orm-cli sqlx skeema
default critical sql.schema changes a database
flag -h,--help,--version low
sub status,info,history,current,heads,branches,check,validate,migrate:status,migrate:list,migration:show,db:migrate:status,list,show,log,version,pending,lint,fmt,schema+inspect,migrate+info medium sql.read looks at a database's schema
sub new,revision,create,generate,init critical sql.schema makes a schema migration
