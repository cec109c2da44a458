"""Compiles a kernel to the object code of a loop.

numba compiles every kernel into a library of its own, optimises it, makes it runnable, and links it
into its callers, where it is optimised again. Only the loop is ever run. So this module keeps the
kernels as numba translates them, and links, optimises and emits them once, as one module. This
takes a third of the time and gives better machine code, because the optimiser sees everything.

numba accepts a custom pipeline but has no public way to skip the work of each library. `_Kept`
replaces numba's class and was written against the version named below. With any other version,
numba optimises as usual: the first start takes longer and nothing else changes.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.metadata import version
from typing import Any

from numba import types
from numba.core.cgutils import normalize_ir_text
from numba.core.codegen import CodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import PassManager

from riskengine.kernel.compiled import build
from riskengine.machine.fields import Fields

KNOWN_NUMBA = "0.68."  #: the version `_Kept` was written against and is tested with

# Steps of numba's pipeline that kernels do not need: closures, generators, exceptions, expressions
# of whole arrays, branches on None. Each step reads the whole kernel again.
_NEEDLESS = {
    "AnnotateTypes",
    "DeadBranchPrune",
    "DumpParforDiagnostics",
    "FindLiterallyCalls",
    "InlineClosureLikes",
    "InlineInlinables",
    "InlineOverloads",
    "LiteralPropagationSubPipelinePass",
    "LiteralUnroll",
    "MakeFunctionToJitFunction",
    "NoPythonSupportedFeatureValidation",
    "NopythonRewrites",
    "RewriteDynamicRaises",
    "RewriteSemanticConstants",
    "WithLifting",
}


class Translation(CompilerBase):
    """numba's pipeline without the steps that kernels do not need."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline of a kernel."""
        usual = DefaultPassBuilder.define_nopython_pipeline(self.state)
        pipeline = PassManager("kernel")
        for step, message in usual.passes:
            if step.__name__ not in _NEEDLESS:
                pipeline.add_pass(step, message)
        pipeline.finalize()
        return [pipeline]


class BareTranslation(Translation):
    """The same pipeline, but nothing is optimised or made runnable."""

    def define_pipelines(self) -> list[Any]:
        """The one pipeline of a kernel."""
        if self.state.library is None:
            codegen = self.state.targetctx.codegen()
            self.state.library = _Kept(codegen, self.state.func_id.func_qualname)
            self.state.library.enable_object_caching()
        return super().define_pipelines()


class _Kept(CodeLibrary):
    """Keeps the translation of a kernel and the libraries that it calls."""

    def __init__(self, codegen: Any, name: str) -> None:
        super().__init__(codegen, name)
        self.texts: list[str] = []
        self.callees: dict[Any, None] = {}

    def add_ir_module(self, ir_module: Any) -> None:
        self.texts.append(normalize_ir_text(str(ir_module)))

    def add_linking_library(self, library: Any) -> None:
        self.callees[library] = None

    def finalize(self) -> None:
        self._finalized = True

    def get_pointer_to_function(self, name: str) -> int:
        """No address: nothing here can be run."""
        self._ensure_finalized()
        return 0

    @property
    def codegen(self) -> Any:
        """Stands in for the object that numba would pass a kernel's environment to."""
        return self

    def set_env(self, name: str, environment: Any) -> None:
        """Do nothing: kernels use no Python objects, so they need no environment."""

    def get_function(self, name: str) -> Any:
        raise NotImplementedError

    def get_llvm_str(self) -> str:
        return "\n".join(self.texts)

    def get_asm_str(self) -> str:
        raise NotImplementedError


def object_code(
    llvm: Any, machine: Any, kernel: Callable[..., Any], given: Any, numbers: int, name: str
) -> bytes:
    """Compile a loop.

    Parameters
    ----------
    llvm, machine
        llvmlite's binding, and the machine to compile for.
    kernel : function
        Takes the tuples of `given`, then as many integers as `numbers` says.
    given : tuple of named tuples
    name : str
        Name of the loop in the object code.
    """
    bare = is_known(version("numba"))
    # Wrappers for calls from Python cost a third of the compiler's time, and are never called.
    loop = build(
        kernel,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=BareTranslation if bare else Translation,
    )
    with _without_collecting():
        loop.compile((*map(Fields, given), *[types.int64] * numbers))
    (compiled,) = loop.overloads.values()
    if bare:
        module = _linked(llvm, compiled.library)
    else:
        module = llvm.parse_assembly(compiled.library.get_llvm_str())
    module.get_function(compiled.fndesc.mangled_name).name = name
    if bare:
        _optimise(llvm, machine, module, name)
    code: bytes = machine.emit_object(module)
    return code


@contextmanager
def _without_collecting() -> Iterator[None]:
    """Pause garbage collection: it scans numba's million objects again and again for little."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def is_known(numba: str) -> bool:
    """Whether this version of numba is the one that `_Kept` was written against."""
    return numba.startswith(KNOWN_NUMBA)


def _linked(llvm: Any, loop: _Kept) -> Any:
    """A loop and everything that it calls, as one module."""
    first, *others = _modules(llvm, loop, {})
    for module in others:
        # Numba's own functions come with each kernel that calls them.
        for function in module.functions:
            if not function.is_declaration:
                function.linkage = llvm.Linkage.linkonce_odr
        first.link_in(module)
    return first


def _modules(llvm: Any, library: Any, seen: dict[Any, None]) -> Iterator[Any]:
    """The modules of a library and of those that it calls, its own first."""
    if library in seen:
        return
    seen[library] = None
    if not isinstance(library, _Kept):  # a library of numba's own functions, such as min
        yield llvm.parse_assembly(library.get_llvm_str())
        return
    for text in library.texts:
        yield llvm.parse_assembly(text)
    for callee in library.callees:
        yield from _modules(llvm, callee, seen)


def _optimise(llvm: Any, machine: Any, module: Any, name: str) -> None:
    for function in module.functions:
        if not function.is_declaration and function.name != name:
            function.linkage = llvm.Linkage.internal  # never called from outside: may be dropped
    options = llvm.create_pipeline_tuning_options(speed_level=3)
    # Loops of a trial are short: a model has few alternatives, tiers and uses of a material. The
    # code that would play several rounds at once costs more than it gains (2 to 3 % of a trial).
    options.loop_vectorization = options.slp_vectorization = False
    passes = llvm.create_pass_builder(machine, options)
    passes.getModulePassManager().run(module, passes)
