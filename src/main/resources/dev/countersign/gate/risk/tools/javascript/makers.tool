# Generators and bundlers of JavaScript projects
tool graphql-codegen graphql-code-generator openapi-generator openapi-generator-cli openapi-typescript orval swagger-codegen json2ts json-schema-to-typescript quicktype svgo uglifyjs terser cleancss html-minifier html-minifier-terser mjml pug ejs-cli handlebars lessc stylus purgecss unocss vue nuxi eleventy vuepress vitepress docusaurus slidev remotion electron electron-vite tauri react-native ionic cordova plop hygen jsdoc compodoc api-extractor json-server concurrently-raw wait-on mkdirp make-dir make-dir-cli cpy ncp copyfiles cpx mmdc sharp imagemin lint-staged nodemon-run tsc-watch tsc-alias tspath tsup-node unbuild rspack rsbuild rolldown oxc farm parcel-bundler microbundle wireit standard-version sass-embedded i18next docsify msw storybook-dev ladle histoire ncc pkg nexe esno jiti
default medium build
flag -o,--output,--out,-d,--out-dir =value
sub deploy,publish critical deploy.release publishes
sub test,check,lint,info,doctor,validate low test
