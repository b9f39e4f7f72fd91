# Programs that describe media and documents
tool identify ffprobe mediainfo pdfinfo soxi exiv2 pdffonts
default read
flag -show_entries,-of,-v,-select_streams,-f,-format =value
