#pragma once

int verb_console(int argc, char **argv);
