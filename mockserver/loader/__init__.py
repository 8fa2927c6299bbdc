"""Folder → Contract. The only reader of contract files; every mistake found is named, not just the first."""

from mockserver.loader.folders import (
    SCHEMA,
    SHIPPED,
    contract_folders,
    in_gallery,
    load,
    load_all,
    load_folder,
    texts_of,
)

__all__ = ["SCHEMA", "SHIPPED", "contract_folders", "in_gallery", "load", "load_all", "load_folder", "texts_of"]
