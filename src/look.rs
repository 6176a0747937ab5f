//! What people see of an application on the gate's pages.

/// How an application is called and how it looks.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Look {
    /// Its name.
    pub name: String,
}
