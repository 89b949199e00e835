//! Processes and threads that end without a word.

use std::{
    fs,
    sync::mpsc,
    thread::{self, JoinHandle},
};

use local_postgres::Cluster;

use crate::support::{
    Holder, ask, block_on, connect, execute, folder, options, pid_file, start, url, wait_until,
};

#[test]
fn no_acknowledged_row_is_lost_when_the_holder_is_killed() {
    let folder = folder();
    let mut writer: Option<JoinHandle<i64>> = None;
    let mut check = |round: usize, url: &str| {
        // It ends when its server does, at the latest before the next one starts.
        let acknowledged = writer.take().map_or(0, |writer| writer.join().unwrap());
        let kept = ask(url, "SELECT count(*) FROM rows");
        assert!(
            kept >= acknowledged,
            "round {round}: {kept} of {acknowledged}"
        );

        let (tell, told) = mpsc::channel();
        let url = url.to_owned();
        writer = Some(thread::spawn(move || block_on(write(&url, kept, &tell))));
        for _ in 0..50 {
            told.recv().unwrap();
        }
    };
    for round in 0..6 {
        let holder = Holder::start(folder.path());
        execute(
            &holder.url,
            "CREATE TABLE IF NOT EXISTS rows (id bigint PRIMARY KEY)",
        );
        check(round, &holder.url);
        holder.kill();
        // Every other time the next start meets the old server while it stops.
        if cfg!(target_os = "linux") && round % 2 == 0 {
            wait_until("the server is gone", || !pid_file(folder.path()).exists());
        }
    }
    let cluster = start(folder.path());
    check(6, &url(&cluster));
}

/// Writes rows, numbered without gaps, until the server goes away; returns how many are there for certain.
async fn write(url: &str, kept: i64, tell: &mpsc::Sender<()>) -> i64 {
    let mut connection = connect(url).await;
    let mut certain = kept;
    loop {
        let insert = sqlx::query("INSERT INTO rows VALUES ($1)").bind(certain);
        if insert.execute(&mut connection).await.is_err() {
            return certain;
        }
        certain += 1;
        // The receiver leaves after the first ones.
        let _ = tell.send(());
    }
}

#[test]
fn the_server_outlives_the_thread_that_started_it() {
    let folder = folder();
    let home = folder.path().to_owned();

    let cluster = thread::spawn(move || start(&home)).join().unwrap();

    // A session of some length: the kernel's signal may come a little after the thread's end.
    assert_eq!(
        ask(&url(&cluster), "SELECT 1::bigint FROM pg_sleep(0.3)"),
        1
    );
}

#[test]
fn a_killed_throwaway_is_removed_by_the_next() {
    let parent = folder();
    let folders = || {
        let entries = fs::read_dir(parent.path()).unwrap();
        let mut folders: Vec<_> = entries
            .map(|entry| entry.unwrap().path())
            .filter(|path| path.is_dir())
            .collect();
        folders.sort();
        folders
    };
    let alive = Cluster::throwaway(parent.path(), &options()).unwrap();
    let holder = Holder::throwaway(parent.path());
    let both = folders();
    assert_eq!(both.len(), 2);

    holder.kill();
    let next = Cluster::throwaway(parent.path(), &options()).unwrap();

    assert_eq!(folders().len(), 2);
    assert_eq!(
        folders()
            .iter()
            .filter(|folder| both.contains(folder))
            .count(),
        1
    );
    for cluster in [&alive, &next] {
        assert_eq!(ask(&url(cluster), "SELECT 1::bigint"), 1);
    }
}

#[cfg(target_os = "linux")]
mod linux {
    use std::{
        os::unix::{
            fs::MetadataExt,
            process::{CommandExt, ExitStatusExt},
        },
        process::{Command, Stdio},
    };

    use rustix::process::{Pid, Signal, getpgid, kill_process};

    use super::*;
    use crate::support::pid;

    #[test]
    fn a_server_that_nobody_holds_is_stopped_before_the_start() {
        let folder = folder();
        let cluster = start(folder.path());
        let binary = fs::read_link(format!("/proc/{}/exe", pid(folder.path()))).unwrap();
        cluster.stop().unwrap();
        // As one looks that survived its parent; it is asked to stop by nobody but the start under test.
        let data = folder.path().canonicalize().unwrap().join("cluster/data");
        let owner = fs::metadata(&data).unwrap();
        let mut command = Command::new(binary);
        command
            .arg("-D")
            .arg(&data)
            .args(["-c", "listen_addresses=", "-k"])
            .arg(&data)
            .current_dir("/")
            .stderr(Stdio::null());
        if owner.uid() != rustix::process::geteuid().as_raw() {
            command.uid(owner.uid()).gid(owner.gid());
        }
        let mut orphan = command.spawn().unwrap();
        wait_until("it serves", || pid_file(folder.path()).exists());

        let reaper = thread::spawn(move || orphan.wait().unwrap());
        let cluster = start(folder.path());

        assert_eq!(
            reaper.join().unwrap().into_raw(),
            0,
            "it was stopped in good order"
        );
        assert_eq!(ask(&url(&cluster), "SELECT 1::bigint"), 1);
    }

    #[test]
    fn ctrl_c_in_a_terminal_does_not_reach_the_server() {
        let folder = folder();
        let _cluster = start(folder.path());

        let server = Pid::from_raw(pid(folder.path())).unwrap();

        assert_eq!(getpgid(Some(server)).unwrap(), server);
    }

    #[test]
    fn a_killed_server_recovers() {
        let folder = folder();
        let cluster = start(folder.path());
        execute(
            &url(&cluster),
            "CREATE TABLE kept AS SELECT 42::bigint AS number",
        );
        let server = pid(folder.path());
        let children =
            fs::read_to_string(format!("/proc/{server}/task/{server}/children")).unwrap();
        kill_process(Pid::from_raw(server).unwrap(), Signal::KILL).unwrap();
        cluster.stop().unwrap();
        // PostgreSQL does not start beside what is left of the one before.
        let is_alive = |child| fs::exists(format!("/proc/{child}")).unwrap();
        wait_until("its children are gone", || {
            !children.split_whitespace().any(is_alive)
        });

        let cluster = start(folder.path());

        assert_eq!(ask(&url(&cluster), "SELECT number FROM kept"), 42);
    }
}
