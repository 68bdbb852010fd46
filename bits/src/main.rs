//! Prints what `golden.txt` holds: `leitai-bits [SCENE...]`. Stderr tells what the code was built for.

use std::process::ExitCode;

fn main() -> ExitCode {
    let asked: Vec<String> = std::env::args().skip(1).collect();
    if let Some(unknown) = asked.iter().find(|name| !leitai_bits::NAMES.contains(&name.as_str())) {
        eprintln!("leitai-bits: no scene `{unknown}`; there are {}", leitai_bits::NAMES.join(", "));
        return ExitCode::from(2);
    }
    let features =
        [("avx2", cfg!(target_feature = "avx2")), ("fma", cfg!(target_feature = "fma")), ("neon", cfg!(target_feature = "neon"))];
    let features: Vec<&str> = features.into_iter().filter_map(|(name, on)| on.then_some(name)).collect();
    eprintln!(
        "built for {}: {}",
        std::env::consts::ARCH,
        if features.is_empty() { "baseline".into() } else { features.join(", ") }
    );
    for name in leitai_bits::NAMES.into_iter().filter(|name| asked.is_empty() || asked.iter().any(|a| a == name)) {
        match leitai_bits::played(name) {
            Ok(world) => print!("{}", leitai_bits::line(name, &world)),
            Err(why) => {
                eprintln!("leitai-bits: {name}: {why}");
                return ExitCode::FAILURE;
            }
        }
    }
    ExitCode::SUCCESS
}
