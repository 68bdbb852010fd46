//! What is done with a controller's module from a stranger. Shared by the fuzzer and by the test that replays what it found.

use leitai_runtime::{Limits, Module, Sandbox};

const LIMITS: Limits = Limits { start_fuel: 100_000, step_fuel: 100_000, trial_fuel: 250_000 };

/// Reads it, and steps what can be stepped, twice: the second instance does and uses what the first did.
pub fn module(data: &[u8]) {
    let module = match Module::read(data, LIMITS.start_fuel) {
        Ok(module) => module,
        Err(refusal) => return message(&refusal.to_string()),
    };
    assert_eq!(run(&module), run(&module), "two instances of one module differ");
}

fn run(module: &Module) -> (Vec<u64>, String, u64) {
    let mut said = Vec::new();
    let mut sandbox = match Sandbox::start(module, LIMITS, b"{\"robot\":\"none\"}", 12, 6) {
        Ok(sandbox) => sandbox,
        Err(breach) => return (said, told(&breach.to_string()), 0),
    };
    let mut command = [0.0; 6];
    for step in 0..4 {
        if let Err(breach) = sandbox.step(&[f64::from(step); 12], &mut command) {
            return (said, told(&breach.to_string()), sandbox.fuel_used());
        }
        said.extend(command.map(f64::to_bits));
    }
    assert!(sandbox.fuel_used() <= LIMITS.trial_fuel);
    (said, String::new(), sandbox.fuel_used())
}

fn told(text: &str) -> String {
    message(text);
    text.to_string()
}

fn message(text: &str) {
    assert!(!text.is_empty() && text.len() < 4000, "a message of {} bytes", text.len());
}
