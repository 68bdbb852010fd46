//! Units as they are written in manifests: SI, angles in radians, time in seconds.

/// Every unit a manifest may use.
pub(super) const KNOWN: [&str; 16] =
    ["1", "kg", "m", "rad", "s", "N", "N*m", "Pa", "Hz", "m/s", "rad/s", "m/s^2", "rad/s^2", "kg*m^2", "1/h", "W"];

/// The unit that a name's ending promises, longest ending first: `speed_rad_s` is in rad/s. None where the name ends in no unit.
pub(super) fn of_name(name: &str) -> Option<&'static str> {
    const ENDINGS: [(&str, &str); 15] = [
        ("_per_hour", "1/h"),
        ("_rad_s2", "rad/s^2"),
        ("_rad_s", "rad/s"),
        ("_m_s2", "m/s^2"),
        ("_m_s", "m/s"),
        ("_kg_m2", "kg*m^2"),
        ("_rad", "rad"),
        ("_nm", "N*m"),
        ("_kg", "kg"),
        ("_hz", "Hz"),
        ("_pa", "Pa"),
        ("_n", "N"),
        ("_m", "m"),
        ("_s", "s"),
        ("_w", "W"),
    ];
    ENDINGS.iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, unit)| *unit)
}
