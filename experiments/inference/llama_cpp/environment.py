"""Environment variables of every process that computes with llama.cpp for the engine."""

CHILD_ENVIRONMENT = {
    # Threads that spin while they wait for each other stop making progress as soon as another process wants their core:
    # on two cores, one of them taken, the default made 80 tokens/s where sleeping threads made 134. But threads that always
    # sleep lose a third on an idle machine (157 against 256). A short spin before sleeping gives 254 and 118.
    "OMP_WAIT_POLICY": "passive",
    "GOMP_SPINCOUNT": "500",
    # A crash dump through a debugger takes seconds and pushes the reason out of the log.
    "GGML_NO_BACKTRACE": "1",
}
