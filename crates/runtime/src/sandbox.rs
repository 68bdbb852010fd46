//! One running instance: written to, called, read from. Whatever it does, the host's memory and time are bounded.

use alloc::string::{String, ToString};

use wasmi::{Instance, Memory, Store, StoreLimits, StoreLimitsBuilder, TrapCode, TypedFunc, WasmParams, WasmResults};

use crate::abi::{BEGIN, BRIEF, COMMAND, MEMORY, OBSERVATION, STEP};
use crate::limits::{DEEPEST, Limits, MOST_ELEMENTS, MOST_PAGES};
use crate::module::Module;

const PAGE: u64 = 65_536;
const NUMBER: usize = size_of::<f64>();

/// What a controller answers to a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Said {
    /// Go on.
    GoOn,
    /// The task is finished.
    Finished,
    /// The task cannot be finished.
    GaveUp,
}

/// What a controller did that ends its trial.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Breach {
    /// One call took too long.
    #[error("the controller used up the fuel of {during}, {limit} units")]
    Fuel {
        /// `its start` or `one step`.
        during: &'static str,
        /// How much there was.
        limit: u64,
    },
    /// All calls together took too long.
    #[error("the controller used up the fuel of the whole trial, {limit} units")]
    TrialFuel {
        /// How much there was.
        limit: u64,
    },
    /// Calls nested too deep.
    #[error("the controller called functions more than {DEEPEST} deep or filled its stack")]
    Depth,
    /// It stopped itself: a failed assertion, usually.
    #[error("the controller stopped itself (`unreachable`): an assertion failed in it")]
    Unreachable,
    /// Any other trap.
    #[error("the controller broke down: {trap}")]
    Trap {
        /// The interpreter's words.
        trap: String,
    },
    /// An array or the brief does not lie in its memory.
    #[error("the controller's {what} of {bytes} bytes at address {address} is not inside its memory of {memory} bytes")]
    OutsideMemory {
        /// Which array.
        what: &'static str,
        /// Its size.
        bytes: usize,
        /// Where it should be.
        address: u32,
        /// Size of the memory.
        memory: usize,
    },
    /// An answer that means nothing.
    #[error("the controller answered a step with {answer}; it must be 0 (go on), 1 (finished) or 2 (gave up)")]
    Answer {
        /// What it said.
        answer: i32,
    },
}

/// A controller in its sandbox.
pub struct Sandbox {
    store: Store<StoreLimits>,
    memory: Memory,
    step: TypedFunc<(), i32>,
    observation: u32,
    command: u32,
    limits: Limits,
    /// Fuel left for the trial.
    left: u64,
}

impl Sandbox {
    /// Brings a module to life: start function, brief, lengths of the arrays.
    ///
    /// # Errors
    /// If it traps, takes too much, or names places outside its memory.
    pub fn start(
        module: &Module,
        limits: Limits,
        brief: &[u8],
        observation_numbers: usize,
        command_numbers: usize,
    ) -> Result<Self, Breach> {
        let fuel = limits.start_fuel.min(limits.trial_fuel);
        let (mut store, instance) = Self::instance(module, fuel)?;
        let memory = instance.get_memory(&store, MEMORY).expect("`Module::read` looked for it");
        let step = function(&store, instance, STEP);
        let calls = Calls { fuel, memory, instance };
        let address: i32 = calls.call(&mut store, BRIEF, brief.len() as i32)?;
        calls.place(&store, "brief", address as u32, brief.len())?;
        memory.data_mut(&mut store)[address as u32 as usize..][..brief.len()].copy_from_slice(brief);
        let counts = (observation_numbers as i32, command_numbers as i32);
        calls.call::<_, ()>(&mut store, BEGIN, counts)?;
        let observation: i32 = calls.call(&mut store, OBSERVATION, ())?;
        let command: i32 = calls.call(&mut store, COMMAND, ())?;
        let (observation, command) = (observation as u32, command as u32);
        calls.place(&store, "observation array", observation, observation_numbers * NUMBER)?;
        calls.place(&store, "command array", command, command_numbers * NUMBER)?;
        let used = fuel - store.get_fuel().expect("fuel is on");
        Ok(Self { store, memory, step, observation, command, limits, left: limits.trial_fuel - used })
    }

    /// One control step: `observation` in, `command` out. Allocates nothing after the first step.
    ///
    /// # Errors
    /// If it traps, takes too much, or answers with something that means nothing.
    ///
    /// # Panics
    /// If the arrays are longer than those that [`Sandbox::start`] was told of.
    pub fn step(&mut self, observation: &[f64], command: &mut [f64]) -> Result<Said, Breach> {
        let array = &mut self.memory.data_mut(&mut self.store)[self.observation as usize..];
        for (place, number) in array.chunks_exact_mut(NUMBER).zip(observation) {
            place.copy_from_slice(&number.to_le_bytes());
        }
        let fuel = self.limits.step_fuel.min(self.left);
        self.store.set_fuel(fuel).expect("fuel is on");
        let said = self.step.call(&mut self.store, ());
        self.left -= fuel - self.store.get_fuel().expect("fuel is on");
        let said = said.map_err(|error| {
            let whole = fuel < self.limits.step_fuel && error.as_trap_code() == Some(TrapCode::OutOfFuel);
            if whole { Breach::TrialFuel { limit: self.limits.trial_fuel } } else { breach(&error, "one step", fuel) }
        })?;
        let array = &self.memory.data(&self.store)[self.command as usize..];
        for (number, place) in command.iter_mut().zip(array.chunks_exact(NUMBER)) {
            *number = f64::from_le_bytes(place.try_into().expect("chunks of eight bytes"));
        }
        match said {
            0 => Ok(Said::GoOn),
            1 => Ok(Said::Finished),
            2 => Ok(Said::GaveUp),
            answer => Err(Breach::Answer { answer }),
        }
    }

    /// Fuel used so far, start included.
    #[must_use]
    pub fn fuel_used(&self) -> u64 {
        self.limits.trial_fuel - self.left
    }

    /// A fresh instance whose start function has run within `fuel`; what is left of it is in the store.
    pub(crate) fn instance(module: &Module, fuel: u64) -> Result<(Store<StoreLimits>, Instance), Breach> {
        let limits = StoreLimitsBuilder::new()
            .memory_size((MOST_PAGES * PAGE) as usize)
            .table_elements(MOST_ELEMENTS as usize)
            .instances(1)
            .build();
        let mut store = Store::new(module.translated.engine(), limits);
        store.limiter(|limits| limits);
        store.set_fuel(fuel).expect("fuel is on");
        let instance = Instance::new(&mut store, &module.translated, &[]);
        instance.map(|instance| (store, instance)).map_err(|error| breach(&error, "its start", fuel))
    }
}

fn function<P: WasmParams, R: WasmResults>(store: &Store<StoreLimits>, instance: Instance, name: &str) -> TypedFunc<P, R> {
    instance.get_typed_func(store, name).expect("`Module::read` looked for it")
}

/// What the calls before the first step share.
struct Calls {
    fuel: u64,
    memory: Memory,
    instance: Instance,
}

impl Calls {
    fn call<P: WasmParams, R: WasmResults>(
        &self,
        store: &mut Store<StoreLimits>,
        name: &str,
        parameters: P,
    ) -> Result<R, Breach> {
        let function = function::<P, R>(store, self.instance, name);
        function.call(store, parameters).map_err(|error| breach(&error, "its start", self.fuel))
    }

    /// Refuses a place that is not inside the memory as it is now; a memory never shrinks.
    fn place(&self, store: &Store<StoreLimits>, what: &'static str, address: u32, bytes: usize) -> Result<(), Breach> {
        let memory = self.memory.data_size(store);
        let inside = (address as usize).checked_add(bytes).is_some_and(|end| end <= memory);
        if inside { Ok(()) } else { Err(Breach::OutsideMemory { what, bytes, address, memory }) }
    }
}

fn breach(error: &wasmi::Error, during: &'static str, limit: u64) -> Breach {
    match error.as_trap_code() {
        Some(TrapCode::OutOfFuel) => Breach::Fuel { during, limit },
        Some(TrapCode::StackOverflow) => Breach::Depth,
        Some(TrapCode::UnreachableCodeReached) => Breach::Unreachable,
        _ => Breach::Trap { trap: error.to_string() },
    }
}
