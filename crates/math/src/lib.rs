//! Pinned mathematics.
