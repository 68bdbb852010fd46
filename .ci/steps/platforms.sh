# The eleven scenes on other processors (docs/bits.md): x86-64 without FMA and aarch64 under qemu-user, wasm32 under node. Not
# among the steps that run unasked: it needs half a gigabyte of Debian packages, and qemu takes minutes.
need qemu-x86_64 qemu-user
need aarch64-linux-gnu-gcc gcc-aarch64-linux-gnu libc6-dev-arm64-cross
need wasm-ld lld
need node nodejs
[ -d /usr/lib/rustlib/src/rust/library ] || run env DEBIAN_FRONTEND=noninteractive apt-get install --quiet --quiet --yes --no-install-recommends rustc-web rust-web-src libstd-rust-web-dev
run cargo xtask bits
