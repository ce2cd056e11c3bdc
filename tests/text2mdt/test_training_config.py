from pathlib import Path

import pytest
import yaml

from pilora.checkpoint import read_adapter_config
from pilora.config import parse_config
from text2mdt.errors import Text2MDTError
from text2mdt.models import shipped_adapters
from text2mdt.training_config import read_training_config

SHIPPED = Path(__file__).parents[2] / "configs" / "train"
MINIMAL = """
data:
  train: train.jsonl
  dev: dev.jsonl
adapter:
  method: lora
output: runs/test
"""


@pytest.fixture
def minimal(tmp_path: Path) -> Path:
    path = tmp_path / "run.yaml"
    path.write_text(MINIMAL)
    return path


def refusal(path: Path, *overrides: str) -> Text2MDTError:
    with pytest.raises(Text2MDTError) as error:
        read_training_config(path, overrides)
    return error.value


@pytest.mark.parametrize("name", ["lora", "pi_lora"])
def test_the_shipped_configurations(name):
    config = read_training_config(SHIPPED / f"{name}.yaml")
    adapter = parse_config(config.adapter)
    assert adapter.method == name
    assert config.model == "default"
    assert str(config.data.train) == "data/corpus/train.jsonl"


def test_the_shipped_baseline_has_the_budget_of_pi_lora():
    configs = [read_training_config(SHIPPED / f"{name}.yaml") for name in ("lora", "pi_lora")]
    assert configs[0].training == configs[1].training  # the same learning rate, epochs and batches for both
    one, other = (parse_config(config.adapter) for config in configs)
    assert (one.rank, one.alpha, one.targets) == (other.rank, other.alpha, other.targets)


def test_corrections_go_on_from_the_shipped_adapter():
    config = read_training_config(SHIPPED / "corrections.yaml")
    adapter = parse_config(config.adapter)
    started = parse_config(read_adapter_config(shipped_adapters()[str(config.init_from)])["config"])
    assert (adapter.alpha / adapter.rank, adapter.targets) == (started.alpha / started.rank, started.targets)
    assert config.training.learning_rate < read_training_config(SHIPPED / "pi_lora.yaml").training.learning_rate


def test_defaults(minimal):
    config = read_training_config(minimal)
    assert (config.seed, config.dtype, config.init_from) == (1, "auto", None)
    assert (config.data.format, config.data.max_tokens) == ("outline", 1024)
    assert (config.training.epochs, config.training.accumulation) == (6, 1)


def test_overrides(minimal):
    config = read_training_config(
        minimal,
        [
            "training.learning_rate=3e-4",  # a string by the rules of YAML 1.1
            "training.gradient_checkpointing=true",
            "adapter.method=pi_lora",
            "adapter.targets=[q_proj, v_proj]",
            "data.train=a=b.jsonl",
            "output=elsewhere",
            "init_from=null",
            "seed=7",
        ],
    )
    assert config.training.learning_rate == 3e-4
    assert config.training.gradient_checkpointing is True
    assert config.adapter == {"method": "pi_lora", "targets": ["q_proj", "v_proj"]}
    assert config.data.train == Path("a=b.jsonl")
    assert (config.output, config.init_from, config.seed) == (Path("elsewhere"), None, 7)


@pytest.mark.parametrize(
    ("override", "named"),
    [
        ("model", "key=value"),
        ("=3", "key=value"),
        ("seed.deep=1", "'seed' is not a section"),
        ("training.epochs=soon", "training.epochs: "),
        ("training.epochs=0", "training.epochs: "),
        ("training.epoch=3", "training.epoch: Extra inputs"),
        ("trainning.epochs=3", "trainning: Extra inputs"),
        ("colour=red", "colour: Extra inputs"),
        ("dtype=int8", "dtype: "),
        ("data.train=[", "expected"),
    ],
)
def test_bad_overrides(minimal, override, named):
    minimal.write_text(MINIMAL + "seed: 3\n")
    error = refusal(minimal, override)
    assert error.code == "T2M032"
    assert named in str(error)
    assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (MINIMAL + "colour: red\n", "colour: Extra inputs"),
        (MINIMAL.replace("dev:", "dew:"), "data.dev: Field required"),
        (MINIMAL.replace("output:", "# output:"), "output: Field required"),
        ("- a\n- b\n", "not a table of keys"),
        ("", "the file is empty"),
        ("a: [1\nb: 2\n", "line "),
        ("a:\tb: c: d\n", "line "),
    ],
)
def test_bad_files(tmp_path, content, named):
    path = tmp_path / "bad.yaml"
    path.write_text(content)
    error = refusal(path)
    assert (error.code, error.where) == ("T2M032", str(path))
    assert named in str(error)
    assert "\n" not in str(error)


def test_a_file_that_is_no_text(tmp_path):
    path = tmp_path / "bad.yaml"
    path.write_bytes(b"model: caf\xe9\n")
    assert refusal(path).code == "T2M032"


def test_a_missing_file(tmp_path):
    assert refusal(tmp_path / "none.yaml").code == "T2M010"
    assert refusal(tmp_path).code == "T2M010"


def test_an_override_goes_over_the_file_not_into_it(minimal):
    read_training_config(minimal, ["seed=9", "data.format=json"])
    assert yaml.safe_load(minimal.read_text()) == yaml.safe_load(MINIMAL)
    assert read_training_config(minimal).data.format == "outline"


@pytest.mark.parametrize("name", ["text2dt_default", "text2dt_gemma3_270m", "text2dt_qwen2_5_7b"])
def test_the_configurations_of_the_chinese_data_set(name, tmp_path):
    for part in ("train", "dev"):
        (tmp_path / f"Text2DT_{part}.json").write_text("[]")
    config = read_training_config(SHIPPED / f"{name}.yaml", [f"data.path={tmp_path}"])
    assert config.data.train == tmp_path / "Text2DT_train.json"
    assert config.data.max_tokens >= 640
    assert parse_config(config.adapter).method == "lora"
    assert config.output.name == name
    assert "path" not in config.model_dump()["data"]


def test_a_folder_of_data(minimal, tmp_path):
    assert refusal(minimal, "data.path=nowhere", "data.train=").code == "T2M174"
    named = read_training_config(minimal, ["data.path=nowhere"])  # both files are named: the folder is not looked at
    assert str(named.data.train) == "train.jsonl"


def test_compiling_and_checkpointing_exclude_each_other(minimal):
    assert read_training_config(minimal).training.compile is False
    assert read_training_config(minimal, ["training.compile=auto"]).training.compile == "auto"
    error = refusal(minimal, "training.compile=true", "training.gradient_checkpointing=true")
    assert error.code == "T2M032" and "choose one" in str(error)
