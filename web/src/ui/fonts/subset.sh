#!/bin/sh
# Cuts the two families down to what the pages use; run only when they change, in this folder:
#   npm install --no-save --prefix /tmp/families \
#     @fontsource-variable/bricolage-grotesque@5.3.0 @fontsource-variable/atkinson-hyperlegible-next@5.3.0
#   pip install fonttools brotli
#   sh subset.sh /tmp/families/node_modules/@fontsource-variable
# Titles are always 700 at one optical size, so those axes are pinned; width stays (88 to 100).
set -eu
source="$1"
here="$(cd "$(dirname "$0")" && pwd)"
work="$(mktemp -d)"
trap 'rm -r "$work"' EXIT

latin='U+0020-007E,U+00A0-00FF,U+0131,U+0152-0153,U+02BB-02BC,U+02C6,U+02DA,U+02DC,U+2010-2015,U+2018-201E,U+2020-2022,U+2026,U+2030,U+2039-203A,U+2044,U+20AC,U+2122,U+2190-2193,U+2212'
more='U+0100-0130,U+0134-0137,U+0139-013E,U+0141-0148,U+014A-0151,U+0154-017E,U+0218-021B,U+1E62-1E63,U+1E80-1E85,U+1E9E'

cut() { # cut FAMILY-FILE AXES UNICODES OUT
  fonttools varLib.instancer -q "$source/$1" $2 -o "$work/face.ttf"
  pyftsubset "$work/face.ttf" --unicodes="$3" --layout-features=kern,liga,locl \
    --flavor=woff2 --no-hinting --name-IDs=0,1,2,13,14 --output-file="$here/$4"
}

titles=bricolage-grotesque/files/bricolage-grotesque
words=atkinson-hyperlegible-next/files/atkinson-hyperlegible-next
cut $titles-latin-standard-normal.woff2 'wght=700 opsz=24 wdth=88:100' "$latin" bricolage-latin.woff2
cut $titles-latin-ext-standard-normal.woff2 'wght=700 opsz=24 wdth=88:100' "$more" bricolage-more.woff2
cut $words-latin-wght-normal.woff2 wght=400:700 "$latin" atkinson-latin.woff2
cut $words-latin-ext-wght-normal.woff2 wght=400:700 "$more" atkinson-more.woff2
