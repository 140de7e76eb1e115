#include "decide.h"
