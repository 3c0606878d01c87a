// Drawing for front ends.
#pragma once
#include "vis/draw.h"
