#pragma once

int verb_init(int argc, char **argv);
