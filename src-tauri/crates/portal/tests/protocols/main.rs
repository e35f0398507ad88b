//! The portal through its own door: the router, a real store, a clock moved by hand.

mod applications;
mod audit;
mod authorization_code;
mod backups;
mod browser;
mod commands;
mod consent;
mod console;
mod declaration;
mod device_code;
mod durability;
mod exports;
mod factors;
mod house;
mod invitations;
mod operation;
mod pages;
mod portal_api;
mod postgresql;
mod registration_and_refresh;
mod security;
mod sign_in;
mod signer;
mod start;
mod sts;
mod throttle;
