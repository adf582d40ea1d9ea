package main

const exeSuffix = ".exe"
