#!/usr/bin/env node
import "../dist/execute.js";
