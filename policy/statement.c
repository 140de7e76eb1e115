#include "statement.h"
