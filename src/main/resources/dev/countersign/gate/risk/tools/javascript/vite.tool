# npm(1) and its pages, yarn, pnpm, bun, npx, and the programs that packages bring
tool vite webpack rollup esbuild parcel tsup babel swc next nuxt astro gatsby remix ng nest nx turbo lerna rush grunt gulp browserify sass less-css postcss tailwindcss typedoc storybook craco react-scripts vue-cli-service svelte-kit expo ember
default medium build
flag -c,--config,-o,--out-dir,--outDir,--outfile,-p,--port,--mode =value
sub test,lint,check,info,--version,analyze,doctor,whoami low test
sub run,run-many,affected,exec-target =target low
flag -t,--target,--targets =target
flag --scope,--filter,-p,--projects =value
sub exec low
runs 0
sub graph,serve,build,dev,preview,start,watch,bundle,optimize medium build
sub generate,g,migrate medium build
sub add,update,install,upgrade high install.code installs code
sub deploy,publish,submit critical deploy.release
