//! The portal through its own door: the router, a real store, a clock moved by hand.

mod authorization_code;
mod declaration;
mod device_code;
mod durability;
mod house;
mod portal_api;
mod registration_and_refresh;
