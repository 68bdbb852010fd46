# Evidence is run again to the same bits, and a flipped byte is refused.
fresh=$(mktemp -d)
leitai() { expect "$1" cargo run --release --quiet -- "${@:2}"; }
leitai 0 key new "$fresh/key"
leitai 4 prove ur20 con-block-palletizing --trials 3 --key "$fresh/key" --out "$fresh/fixed"
leitai 3 prove ur10e con-block-palletizing --set block_mass_kg=20 --unsigned --out "$fresh/refuted"
leitai 5 prove franka-fr3 con-block-palletizing --unsigned --out "$fresh/rejected"
leitai 0 verify "$fresh/fixed" --fresh 3
leitai 0 verify "$fresh/refuted"
leitai 0 verify "$fresh/rejected"
bundle=$(echo "$fresh"/fixed/*.leitai)
printf '\377' | dd of="$bundle" bs=1 seek=$(($(stat --format %s "$bundle") / 2)) conv=notrunc status=none
leitai 6 verify "$bundle"
rm -r "$fresh"
