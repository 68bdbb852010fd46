//! PNG images (ISO/IEC 15948) as heights: the red or gray channel's first eight bits, as MuJoCo takes them.

use super::{Grid, TerrainFileError, check_sides};
use alloc::vec;
use alloc::vec::Vec;
use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

fn wrong(what: &'static str) -> TerrainFileError {
    TerrainFileError::Png { what }
}

/// What the image's header says.
struct Header {
    width: usize,
    height: usize,
    depth: usize,
    /// Samples of a pixel.
    samples: usize,
    indexed: bool,
}

pub fn read(bytes: &[u8]) -> Result<Grid, TerrainFileError> {
    let Some(mut rest) = bytes.strip_prefix(b"\x89PNG\r\n\x1a\n") else { return Err(wrong("is no PNG")) };
    let (mut header, mut palette, mut packed) = (None, Vec::new(), Vec::new());
    loop {
        let (kind, data, after) = chunk(rest).ok_or(wrong("ends too early"))?;
        rest = after;
        match (kind, &header) {
            (b"IHDR", None) => header = Some(read_header(data)?),
            (b"PLTE", Some(_)) => palette = data.chunks_exact(3).map(|color| color[0]).collect(),
            (b"IDAT", Some(_)) => packed.extend_from_slice(data),
            (b"IEND", Some(_)) => break,
            (_, None) => return Err(wrong("has no header")),
            _ => {}
        }
    }
    let header = header.ok_or(wrong("has no header"))?;
    let stride = (header.width * header.samples * header.depth).div_ceil(8);
    let size = (stride + 1) * header.height;
    let mut lines = decompress_to_vec_zlib_with_limit(&packed, size).map_err(|_| wrong("is damaged"))?;
    if lines.len() != size {
        return Err(wrong("ends too early"));
    }
    unfilter(&mut lines, stride, (header.samples * header.depth).div_ceil(8))?;
    let mut heights = Vec::with_capacity(header.width * header.height);
    for line in lines.chunks_exact(stride + 1).rev() {
        for x in 0..header.width {
            let sample = sample(&line[1..], x * header.samples, header.depth);
            let value = match header.indexed {
                true => *palette.get(usize::from(sample)).ok_or(wrong("names a color that it does not have"))?,
                false => stretched(sample, header.depth),
            };
            heights.push(f32::from(value));
        }
    }
    Ok(Grid { rows: header.height, columns: header.width, heights })
}

/// Kind and content of the first chunk, and what follows it. Checksums are left alone: what is damaged does not unpack.
fn chunk(bytes: &[u8]) -> Option<(&[u8; 4], &[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let (kind, rest) = rest.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    let (data, rest) = rest.split_at_checked(length)?;
    let (_checksum, rest) = rest.split_first_chunk::<4>()?;
    Some((kind, data, rest))
}

fn read_header(data: &[u8]) -> Result<Header, TerrainFileError> {
    let &[w0, w1, w2, w3, h0, h1, h2, h3, depth, color, compression, filter, interlace] = data else {
        return Err(wrong("has no header"));
    };
    let side = |b: [u8; 4]| usize::try_from(u32::from_be_bytes(b)).unwrap_or(usize::MAX);
    let (width, height) = (side([w0, w1, w2, w3]), side([h0, h1, h2, h3]));
    check_sides(height, width)?;
    let (samples, depths): (usize, &[u8]) = match color {
        0 => (1, &[1, 2, 4, 8, 16]),
        2 => (3, &[8, 16]),
        3 => (1, &[1, 2, 4, 8]),
        4 => (2, &[8, 16]),
        6 => (4, &[8, 16]),
        _ => return Err(wrong("has colors of an unknown kind")),
    };
    if !depths.contains(&depth) || compression != 0 || filter != 0 {
        return Err(wrong("has an impossible header"));
    }
    if interlace != 0 {
        return Err(wrong("is interlaced"));
    }
    Ok(Header { width, height, depth: usize::from(depth), samples, indexed: color == 3 })
}

/// Undoes the filters of all lines, each of which begins with its filter's number; `step` is the bytes of a pixel.
fn unfilter(lines: &mut [u8], stride: usize, step: usize) -> Result<(), TerrainFileError> {
    let mut above = vec![0_u8; stride];
    for line in lines.chunks_exact_mut(stride + 1) {
        let (filter, line) = (line[0], &mut line[1..]);
        for i in 0..stride {
            let left = if i >= step { line[i - step] } else { 0 };
            let corner = if i >= step { above[i - step] } else { 0 };
            let guess = match filter {
                0 => 0,
                1 => left,
                2 => above[i],
                3 => u16::midpoint(left.into(), above[i].into()) as u8,
                4 => paeth(left, above[i], corner),
                _ => return Err(wrong("has an unknown filter")),
            };
            line[i] = line[i].wrapping_add(guess);
        }
        above.copy_from_slice(line);
    }
    Ok(())
}

fn paeth(left: u8, above: u8, corner: u8) -> u8 {
    let (a, b, c) = (i16::from(left), i16::from(above), i16::from(corner));
    let guess = a + b - c;
    let (to_a, to_b, to_c) = ((guess - a).abs(), (guess - b).abs(), (guess - c).abs());
    if to_a <= to_b && to_a <= to_c {
        left
    } else if to_b <= to_c {
        above
    } else {
        corner
    }
}

/// Sample `index` of a line: its first eight bits, or all of fewer.
fn sample(line: &[u8], index: usize, depth: usize) -> u8 {
    match depth {
        16 => line[2 * index],
        8 => line[index],
        _ => {
            let bit = index * depth;
            line[bit / 8] >> (8 - depth - bit % 8) & ((1 << depth) - 1)
        }
    }
}

/// A sample of fewer than eight bits, stretched to eight.
fn stretched(sample: u8, depth: usize) -> u8 {
    match depth {
        1 => sample * 255,
        2 => sample * 85,
        4 => sample * 17,
        _ => sample,
    }
}
