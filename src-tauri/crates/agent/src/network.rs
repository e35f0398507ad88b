//! News of the network: a way out that comes back is noticed at once, not after the next pause.

use std::time::Duration;

/// Addresses and routes change in bursts; what follows this soon is the same news.
const BURST: Duration = Duration::from_secs(1);

/// Changes of the machine's addresses and routes.
pub(crate) struct Changes(Option<system::Messages>);

impl Changes {
    /// Listens from now on. Where the system cannot be listened to there is never any news, and
    /// what failed is tried again after its pause.
    pub(crate) fn listen() -> Self {
        let messages = system::Messages::open();
        Self(
            messages
                .inspect_err(|error| tracing::info!(%error, "changes of the network go unnoticed"))
                .ok(),
        )
    }

    /// Ends when something changed, once it has settled.
    pub(crate) async fn next(&mut self) {
        let Some(messages) = &mut self.0 else {
            return std::future::pending().await;
        };
        if let Err(error) = messages.some().await {
            tracing::info!(%error, "changes of the network go unnoticed from now on");
            self.0 = None;
            return;
        }
        tokio::time::sleep(BURST).await;
        messages.forget();
    }
}

#[cfg(target_os = "linux")]
mod system {
    use std::io;

    use rustix::io::Errno;
    use rustix::net::netlink::SocketAddrNetlink;
    use rustix::net::{AddressFamily, SocketFlags, SocketType, bind, socket_with};
    use tokio::net::unix::pipe::Receiver;

    /// `RTMGRP_IPV4_IFADDR`, `RTMGRP_IPV4_ROUTE`, `RTMGRP_IPV6_IFADDR` and `RTMGRP_IPV6_ROUTE` of
    /// rtnetlink(7).
    const GROUPS: u32 = 0x10 | 0x40 | 0x100 | 0x400;

    /// What the kernel says; that it says something is all that counts. It is read like a pipe,
    /// and the runtime has no type of its own for it.
    pub(super) struct Messages(Receiver);

    impl Messages {
        pub(super) fn open() -> io::Result<Self> {
            let flags = SocketFlags::CLOEXEC | SocketFlags::NONBLOCK;
            let family = AddressFamily::NETLINK;
            let socket = socket_with(family, SocketType::RAW, flags, None)?;
            bind(&socket, &SocketAddrNetlink::new(0, GROUPS))?;
            Receiver::from_owned_fd_unchecked(socket).map(Self)
        }

        pub(super) async fn some(&self) -> io::Result<()> {
            self.0.readable().await
        }

        pub(super) fn forget(&self) {
            let mut buffer = [0; 16 * 1024];
            // A queue that overflowed says so once, between two messages.
            let overflowed = Some(Errno::NOBUFS.raw_os_error());
            while match self.0.try_read(&mut buffer) {
                Ok(length) => length > 0,
                Err(error) => error.raw_os_error() == overflowed,
            } {}
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod system {
    use std::io;

    pub(super) struct Messages;

    impl Messages {
        pub(super) fn open() -> io::Result<Self> {
            Err(io::ErrorKind::Unsupported.into())
        }

        pub(super) async fn some(&self) -> io::Result<()> {
            std::future::pending().await
        }

        pub(super) fn forget(&self) {}
    }
}
