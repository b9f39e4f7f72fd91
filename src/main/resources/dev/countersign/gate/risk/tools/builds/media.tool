# ImageMagick(1), ffmpeg(1), sox(1) and others that make one file from another
tool convert magick mogrify montage composite ffmpeg sox inkscape rsvg-convert optipng jpegoptim pngquant cwebp dwebp gs qpdf pdftk img2pdf potrace exiftool pdftotext pdftoppm plantuml gifsicle lame flac opusenc
default medium build makes files
