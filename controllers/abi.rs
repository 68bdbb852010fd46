//! The door of a controller: the five functions that the sandbox calls (docs/guides/write-a-controller.md), for any type that is a
//! [`Component`]. Copy this file beside your own and write `abi::export!(Mine);`.

/// What a controller is.
pub trait Component: Sized {
    /// Made from the brief, JSON text, before the first step.
    fn new(brief: &str) -> Self;
    /// Called in every control period: reads `observation`, writes all of `command`. Both are as long as the manifest's channels.
    fn step(&mut self, observation: &[f64], command: &mut [f64]) -> Said;
}

/// What a controller answers to a step.
#[allow(dead_code, reason = "a controller may never give up")]
#[repr(i32)]
pub enum Said {
    /// Go on.
    GoOn = 0,
    /// The task is finished; the controller is stepped on until the trial ends.
    Finished = 1,
    /// The task cannot be finished.
    GaveUp = 2,
}

/// A component with its arrays.
pub struct Door<C> {
    pub brief: Vec<u8>,
    pub observation: Vec<f64>,
    pub command: Vec<f64>,
    pub component: Option<C>,
}

impl<C: Component> Door<C> {
    pub const fn new() -> Self {
        Self { brief: Vec::new(), observation: Vec::new(), command: Vec::new(), component: None }
    }

    pub fn begin(&mut self, observation: usize, command: usize) {
        self.observation = vec![0.0; observation];
        self.command = vec![0.0; command];
        self.component = Some(C::new(std::str::from_utf8(&self.brief).expect("the brief is text")));
    }

    pub fn step(&mut self) -> i32 {
        let component = self.component.as_mut().expect("begin comes first");
        component.step(&self.observation, &mut self.command) as i32
    }
}

/// Exports the five functions for one component type.
macro_rules! export {
    ($component:ty) => {
        thread_local! {
            static DOOR: std::cell::RefCell<$crate::abi::Door<$component>> = const { std::cell::RefCell::new($crate::abi::Door::new()) };
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn leitai_1_brief(bytes: u32) -> *const u8 {
            DOOR.with_borrow_mut(|door| {
                door.brief = vec![0; bytes as usize];
                door.brief.as_ptr()
            })
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn leitai_1_begin(observation: u32, command: u32) {
            DOOR.with_borrow_mut(|door| door.begin(observation as usize, command as usize));
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn leitai_1_observation() -> *const f64 {
            DOOR.with_borrow(|door| door.observation.as_ptr())
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn leitai_1_command() -> *const f64 {
            DOOR.with_borrow(|door| door.command.as_ptr())
        }

        #[unsafe(no_mangle)]
        pub extern "C" fn leitai_1_step() -> i32 {
            DOOR.with_borrow_mut(|door| door.step())
        }
    };
}
pub(crate) use export;
