# mikefarah.gitbook.io/yq
tool yq
default read
flag -i,--inplace,--in-place,-yi medium write changes files
flag --arg,--argjson,-I,--indent,-p,-o,--input-format,--output-format =value
flag --from-file =read
sub eval,e,eval-all,ea read
args pattern
special jq
