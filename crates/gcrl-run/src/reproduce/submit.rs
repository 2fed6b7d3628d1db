//! A grid as an array of jobs on a cluster: the text that its scheduler takes, and the command that hands
//! it over.
//!
//! Every task of the array trains one shard of the grid, all in one shared folder. A task that is told to
//! stop writes its checkpoints and ends with exit code 75; the scheduler then starts it again.
//!
//! | scheduler | file | handed over by | a task that is stopped |
//! |---|---|---|---|
//! | Slurm | `job.sbatch` | `sbatch` | puts itself into the queue again; told two minutes before its time is up |
//! | HyperQueue | `job.sh` | `hq submit` | runs again on another worker |
//! | Kubernetes | `job.yaml`, an Indexed Job | `kubectl apply` | is started again in a new pod |

use gcrl_eval::shell_word;
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Exit code of a program that was told to stop before it was finished, and goes on when it is run again:
/// `EX_TEMPFAIL` of BSD.
pub const STOPPED_EXIT_CODE: u8 = 75;

/// What distributes jobs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Cluster {
    /// Slurm.
    Slurm,
    /// HyperQueue.
    HyperQueue,
    /// Kubernetes.
    Kubernetes {
        /// The container image, which has `gcrl` on its PATH.
        image: String,
        /// The name of the persistent volume claim that is mounted at [`Job::MOUNT`].
        volume: String,
    },
}

/// A grid as an array of jobs.
#[derive(Clone, Debug)]
pub struct Job {
    /// Where.
    pub cluster: Cluster,
    /// Tasks of the array, each a shard of the grid; at least 1.
    pub n_shards: u32,
    /// Cores of a task.
    pub n_cores: u16,
    /// NVIDIA GPUs of a task.
    pub n_gpus: u32,
    /// Memory of a task, in GiB.
    pub memory_gib: u32,
    /// Longest time of a task before it is stopped and put into the queue again, in minutes.
    pub minutes: u32,
    /// The program; absolute, except in a container.
    pub program: PathBuf,
    /// Arguments of `gcrl reproduce` that say which grid it is.
    pub arguments: Vec<String>,
    /// The folder of the runs; absolute.
    pub out: PathBuf,
}

impl Job {
    /// Where Kubernetes mounts the volume; the runs are in `runs` under it, data sets in `datasets`.
    pub const MOUNT: &'static str = "/gcrl";

    /// The file to write, in the folder of the runs.
    pub fn path(&self) -> PathBuf {
        self.out.join(match self.cluster {
            Cluster::Slurm => "job.sbatch",
            Cluster::HyperQueue => "job.sh",
            Cluster::Kubernetes { .. } => "job.yaml",
        })
    }

    /// What to run to hand the file over.
    pub fn command(&self) -> Vec<String> {
        let words: &[&str] = match self.cluster {
            Cluster::Slurm => &["sbatch"],
            Cluster::HyperQueue => &["hq", "submit"],
            Cluster::Kubernetes { .. } => &["kubectl", "apply", "--filename"],
        };
        let path = self.path().display().to_string();
        words.iter().map(|&word| word.to_owned()).chain([path]).collect()
    }

    /// The text of the file.
    pub fn text(&self) -> String {
        match &self.cluster {
            Cluster::Slurm => self.slurm(),
            Cluster::HyperQueue => self.hyperqueue(),
            Cluster::Kubernetes { image, volume } => self.kubernetes(image, volume),
        }
    }

    /// The command of a task, for a shell.
    fn shell_command(&self, n_threads: &str) -> String {
        let mut words =
            vec![shell_word(&self.program.display().to_string()), "reproduce".to_owned()];
        words.extend(self.arguments.iter().map(|word| shell_word(word)));
        words.push(format!("--out {}", shell_word(&self.out.display().to_string())));
        words.push(format!("--threads {n_threads}"));
        words.join(" ")
    }

    /// The lines that ask for GPUs, if any are needed.
    fn with_gpus(&self, lines: impl Fn(u32) -> String) -> String {
        if self.n_gpus == 0 { String::new() } else { lines(self.n_gpus) }
    }

    fn slurm(&self) -> String {
        let (last, n_cores, memory) = (self.n_shards - 1, self.n_cores, self.memory_gib);
        let (hours, minutes) = (self.minutes / 60, self.minutes % 60);
        let log = self.out.join("logs/shard-%a.log");
        let command = self.shell_command("\"$SLURM_CPUS_PER_TASK\"");
        let gpus = self.with_gpus(|n| format!("#SBATCH --gres=gpu:{n}\n"));
        format!(
            "#!/bin/bash
#SBATCH --job-name=gcrl
#SBATCH --array=0-{last}
#SBATCH --cpus-per-task={n_cores}
{gpus}#SBATCH --mem={memory}G
#SBATCH --time={hours:02}:{minutes:02}:00
#SBATCH --requeue
#SBATCH --signal=B:USR1@120
#SBATCH --open-mode=append
#SBATCH --output={log}

# The shell gets the signals of Slurm and hands them on; a shard that stopped for one goes on later.
{command} &
child=$!
trap 'kill -USR1 $child' USR1 TERM
wait $child
code=$?
# A signal ends the first wait; the program has then to write its checkpoints.
while kill -0 $child 2> /dev/null; do wait $child; code=$?; done
if [ $code = {STOPPED_EXIT_CODE} ]; then
  scontrol requeue \"${{SLURM_ARRAY_JOB_ID}}_${{SLURM_ARRAY_TASK_ID}}\"
fi
exit $code
",
            log = quoted_directive(&log),
        )
    }

    fn hyperqueue(&self) -> String {
        let (last, n_cores, n_shards) = (self.n_shards - 1, self.n_cores, self.n_shards);
        let log = self.out.join("logs/shard-%{TASK_ID}.log");
        let command = self.shell_command(&n_cores.to_string());
        let gpus = self.with_gpus(|n| format!("#HQ --resource=gpus/nvidia={n}\n"));
        format!(
            "#!/bin/bash
#HQ --name=gcrl
#HQ --array=0-{last}
#HQ --cpus={n_cores}
{gpus}#HQ --crash-limit=100
#HQ --stdout={log}
#HQ --stderr={log}

export GCRL_SHARDS={n_shards}
exec {command}
",
            log = quoted_directive(&log),
        )
    }

    fn kubernetes(&self, image: &str, volume: &str) -> String {
        let mut words = vec!["gcrl".to_owned(), "reproduce".to_owned()];
        words.extend(self.arguments.iter().cloned());
        words.extend(["--out".to_owned(), format!("{}/runs", Self::MOUNT)]);
        words.extend(["--threads".to_owned(), self.n_cores.to_string()]);
        let mut command = String::new();
        for word in words {
            // A string of JSON is one of YAML.
            let word = serde_json::to_string(&word).expect("text is JSON");
            let _ = writeln!(command, "            - {word}");
        }
        let text = |text: &str| serde_json::to_string(text).expect("text is JSON");
        let (image, volume, mount) = (text(image), text(volume), Self::MOUNT);
        let gpus =
            self.with_gpus(|n| format!("            limits:\n              nvidia.com/gpu: {n}\n"));
        let Self { n_shards, n_cores, memory_gib, .. } = self;
        format!(
            "apiVersion: batch/v1
kind: Job
metadata:
  name: gcrl
spec:
  completionMode: Indexed
  completions: {n_shards}
  parallelism: {n_shards}
  backoffLimitPerIndex: 10
  podFailurePolicy:
    rules:
      # A shard that was told to stop goes on in a new pod, however often.
      - action: Ignore
        onExitCodes:
          operator: In
          values: [{STOPPED_EXIT_CODE}]
      - action: Ignore
        onPodConditions:
          - type: DisruptionTarget
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 120
      containers:
        - name: gcrl
          image: {image}
          command:
{command}          env:
            - name: GCRL_SHARDS
              value: \"{n_shards}\"
            - name: GCRL_DATASETS
              value: {mount}/datasets
          resources:
            requests:
              cpu: \"{n_cores}\"
              memory: {memory_gib}Gi
{gpus}          volumeMounts:
            - name: gcrl
              mountPath: {mount}
      volumes:
        - name: gcrl
          persistentVolumeClaim:
            claimName: {volume}
"
        )
    }
}

/// A path in a scheduler's comment line.
fn quoted_directive(path: &Path) -> String {
    let text = path.display().to_string();
    if text.contains(' ') { format!("\"{text}\"") } else { text }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(cluster: Cluster) -> Job {
        Job {
            cluster,
            n_shards: 4,
            n_cores: 2,
            n_gpus: 0,
            memory_gib: 3,
            minutes: 90,
            program: PathBuf::from("/opt/gcrl"),
            arguments: vec!["--tasks".to_owned(), "easy".to_owned(), "it's".to_owned()],
            out: PathBuf::from("/data/the runs"),
        }
    }

    #[test]
    fn slurm_is_told_array_time_and_what_to_run() {
        let text = job(Cluster::Slurm).text();
        for line in [
            "#SBATCH --array=0-3",
            "#SBATCH --time=01:30:00",
            "#SBATCH --output=\"/data/the runs/logs/shard-%a.log\"",
            "/opt/gcrl reproduce --tasks easy 'it'\\''s' --out '/data/the runs' \
             --threads \"$SLURM_CPUS_PER_TASK\" &",
        ] {
            assert!(text.lines().any(|it| it == line), "{line}\n{text}");
        }
    }

    #[test]
    fn gpus_are_asked_for_where_they_are_needed() {
        let kubernetes = Cluster::Kubernetes { image: "gcrl".to_owned(), volume: "v".to_owned() };
        for (cluster, asked) in [
            (Cluster::Slurm, "\n#SBATCH --gres=gpu:1\n#SBATCH"),
            (Cluster::HyperQueue, "\n#HQ --resource=gpus/nvidia=1\n#HQ"),
            (
                kubernetes,
                "Gi\n            limits:\n              nvidia.com/gpu: 1\n          volume",
            ),
        ] {
            let text = Job { n_gpus: 1, ..job(cluster.clone()) }.text();
            assert!(text.contains(asked), "{text}");
            assert!(!job(cluster).text().contains("gpu"));
        }
    }

    #[test]
    fn hyperqueue_is_told_how_many_shards_there_are() {
        let text = job(Cluster::HyperQueue).text();
        assert!(
            text.contains("#HQ --array=0-3\n") && text.contains("export GCRL_SHARDS=4\n"),
            "{text}"
        );
    }

    #[test]
    fn kubernetes_is_given_words_that_no_quote_breaks() {
        let cluster = Cluster::Kubernetes { image: "a \"b\"".to_owned(), volume: "v".to_owned() };
        let text = job(cluster).text();
        assert!(text.contains("image: \"a \\\"b\\\"\"\n"), "{text}");
        assert!(text.contains("            - \"it's\"\n            - \"--out\"\n"), "{text}");
        assert!(text.contains("            - \"/gcrl/runs\"\n"), "{text}");
    }
}
