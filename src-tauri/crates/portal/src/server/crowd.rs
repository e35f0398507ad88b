//! How many may be connected at once. When the portal is full, whoever has been silent longest
//! makes room: thousands of slow connections keep nobody out who has something to say.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use tokio::sync::Notify;

/// Everyone who is connected.
#[derive(Debug)]
pub(super) struct Crowd {
    limit: usize,
    present: Mutex<Present>,
}

#[derive(Debug, Default)]
struct Present {
    /// Counts every sign of life.
    next: u64,
    /// The longest silent first.
    by_silence: BTreeMap<u64, Arc<Notify>>,
}

/// A connection's place in the crowd, given up when dropped.
#[derive(Debug)]
pub(super) struct Place {
    crowd: Arc<Crowd>,
    key: Mutex<u64>,
    leave: Arc<Notify>,
}

impl Crowd {
    pub(super) fn new(limit: usize) -> Self {
        Self {
            limit,
            present: Mutex::default(),
        }
    }

    /// Lets another connection in, for which the longest silent has to go if there is no room.
    pub(super) fn enter(self: &Arc<Self>) -> Place {
        let leave = Arc::new(Notify::new());
        let mut present = self.present();
        if present.by_silence.len() >= self.limit
            && let Some((_, silent)) = present.by_silence.pop_first()
        {
            silent.notify_one();
        }
        let key = present.add(leave.clone());
        drop(present);
        Place {
            crowd: self.clone(),
            key: Mutex::new(key),
            leave,
        }
    }

    fn present(&self) -> MutexGuard<'_, Present> {
        self.present.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Present {
    fn add(&mut self, leave: Arc<Notify>) -> u64 {
        let key = self.next;
        self.next += 1;
        self.by_silence.insert(key, leave);
        key
    }
}

impl Place {
    /// A sign of life.
    pub(super) fn stir(&self) {
        let mut key = self.key.lock().unwrap_or_else(PoisonError::into_inner);
        let mut present = self.crowd.present();
        // Whoever was asked to leave is not let in again.
        if let Some(leave) = present.by_silence.remove(&*key) {
            *key = present.add(leave);
        }
    }

    /// Resolves when somebody else needs the place.
    pub(super) async fn is_needed(&self) {
        self.leave.notified().await;
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let key = self.key.get_mut().unwrap_or_else(PoisonError::into_inner);
        self.crowd.present().by_silence.remove(key);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    async fn must_leave(place: &Place) -> bool {
        tokio::time::timeout(Duration::ZERO, place.is_needed())
            .await
            .is_ok()
    }

    #[tokio::test]
    async fn the_longest_silent_makes_room() {
        let crowd = Arc::new(Crowd::new(2));
        let first = crowd.enter();
        let second = crowd.enter();
        first.stir();
        let third = crowd.enter();
        assert!(must_leave(&second).await);
        assert!(!must_leave(&first).await);
        drop(third);
        let _fourth = crowd.enter();
        assert!(!must_leave(&first).await, "there was room");
    }
}
