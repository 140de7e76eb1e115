#pragma once

int verb_log(int argc, char **argv);
