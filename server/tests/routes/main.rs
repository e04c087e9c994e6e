//! Every route as a phone meets it: `<route>/<verb>.rs`, and the promises that span several routes.

mod communes;
mod events;
mod healthz;
mod instance;
mod openapi;
mod people;
mod photos;
mod promises;
mod pull;
mod push;
mod pwa;
mod reports;
mod session;
mod set_up;
mod test_app;
