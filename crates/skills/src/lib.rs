//! From task to motion.
#![no_std]

extern crate alloc;
