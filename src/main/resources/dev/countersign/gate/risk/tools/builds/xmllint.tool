# xmllint(1) xmlstarlet(1) xsltproc(1)
tool xmllint xmlstarlet xml xsltproc
default read
flag --xpath,--schema,--dtdvalid,--encode,--stringparam,-t,-m,-v,-i,-s,-n =value
flag -o,--output =write
flag -L,--inplace medium write changes files
sub ed,sel,val,fo,el,tr read
special reads-files
