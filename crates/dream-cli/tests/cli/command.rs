//! Runs the binary in a folder of its own.

use std::{
    ffi::OsStr,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use image::{Rgba, RgbaImage};

/// What a run of the binary left behind.
#[derive(Debug)]
pub struct Outcome {
    pub code: Option<i32>,
    pub stdout: String,
    pub stderr: String,
}

impl Outcome {
    /// Stdout of a run that must have gone well.
    pub fn success(self) -> String {
        assert_eq!(self.code, Some(0), "{self:?}");
        self.stdout
    }

    /// The one line of a run that must have failed.
    pub fn failure(self) -> String {
        assert_eq!(self.code, Some(1), "{self:?}");
        assert_eq!(self.stdout, "", "a failure has no result");
        let errors: Vec<_> =
            self.stderr.lines().filter(|line| !line.starts_with("note: ")).collect();
        let [error] = errors.as_slice() else { panic!("not one line: {self:?}") };
        error.strip_prefix("dream: ").expect("errors begin with the command's name").to_owned()
    }
}

/// An empty folder for one test.
pub struct Folder(PathBuf);

impl Folder {
    pub fn new(test: &str) -> Self {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("a folder for the test");
        Self(folder)
    }

    /// With a picture of soft stripes, `in.png`.
    pub fn with_picture(test: &str) -> Self {
        let folder = Self::new(test);
        let stripes = RgbaImage::from_fn(72, 56, |x, y| {
            let level = |period: u32, shift: u32| (((x * shift + y) % period) * 255 / period) as u8;
            Rgba([level(23, 1), level(31, 2), level(17, 3), 255])
        });
        stripes.save(folder.path("in.png")).expect("a PNG");
        folder
    }

    /// A picture of this folder.
    pub fn pixels(&self, name: &str) -> RgbaImage {
        image::open(self.path(name)).expect("a picture").into_rgba8()
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    pub fn write(&self, name: &str, bytes: &[u8]) {
        fs::write(self.path(name), bytes).expect("a file for the test");
    }

    /// The command, to be started in this folder.
    pub fn command<A: AsRef<OsStr>>(&self, arguments: &[A]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_dream"));
        command.current_dir(&self.0).args(arguments);
        command
    }

    /// Runs `dream` with these arguments, separated by white space.
    pub fn dream(&self, arguments: &str) -> Outcome {
        let arguments: Vec<_> = arguments.split_whitespace().collect();
        let output = self.command(&arguments).output().expect("the binary runs");
        let text = |bytes| String::from_utf8(bytes).expect("UTF-8");
        Outcome {
            code: output.status.code(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
        }
    }
}
